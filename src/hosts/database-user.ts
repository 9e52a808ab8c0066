/** System user on the database host that Postgres runs as. */
export const databaseUser = 'k3s-postgres';
