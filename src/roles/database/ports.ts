/** Where Postgres listens; the standard port, so that its tools need no option. */
export const postgresPort = 5432;
