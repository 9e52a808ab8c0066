/**
 * How hosts make the image of Patroni: Debian's packages on top of the official image of Postgres, so that Postgres is the
 * very same as that of a single database. docs/how-to/database.md has it for those who build it themselves.
 */
export const containerfile = `ARG BASE
FROM \${BASE}
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends patroni python3-etcd python3-psycopg2 \\
 && rm -rf /var/lib/apt/lists/*
`;
