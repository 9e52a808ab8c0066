/**
 * How hosts build the image of Patroni: Debian's packages on top of the official Postgres image, so that
 * Postgres is the very same as for a single database. docs/how-to/database.md has it for those who build it
 * themselves.
 */
export const containerfile = `ARG BASE
FROM \${BASE}
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends patroni python3-etcd python3-psycopg2 \\
 && rm -rf /var/lib/apt/lists/*
`;
