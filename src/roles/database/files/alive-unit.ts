/** The unit beside that of Postgres: its start starts this one, and its end ends it. */
export const aliveUnit = 'k3s-postgres-alive.service';

/**
 * The user unit that ends a Postgres that does not answer.
 *
 * @param script on the host
 * @param what the arguments of `alive.sh`
 */
export function aliveService(script: string, ...what: readonly string[]): string {
  return `# Written by k3s-cdk; changes here are lost.
[Unit]
Description=Ends a Postgres that does not answer
PartOf=k3s-postgres.service
After=k3s-postgres.service

[Service]
ExecStart=/bin/bash ${[script, ...what].join(' ')}
Restart=always
RestartSec=5
`;
}

/** Where its script is on the host. */
export function aliveScript(dataDir: string): string {
  return `${dataDir}/home/.config/k3s-postgres-alive.sh`;
}
