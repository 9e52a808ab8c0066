/** The unit beside that of Postgres: its start starts this one, and its end ends it. */
export const aliveUnit = 'k3s-postgres-alive.service';

/** `alive.sh` on the host. */
const script = '/usr/local/libexec/k3s-cdk/k3s-postgres-alive.sh';

/**
 * The user unit that ends a Postgres that does not answer.
 *
 * @param what the arguments of `alive.sh`
 */
export function aliveService(...what: readonly string[]): string {
  return `# Written by k3s-cdk; changes here are lost.
[Unit]
Description=Ends a Postgres that does not answer
PartOf=k3s-postgres.service
After=k3s-postgres.service

[Service]
ExecStart=${[script, ...what].join(' ')}
Restart=always
RestartSec=5
`;
}
