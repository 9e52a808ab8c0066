import { oneText } from '../model/script';
import { shellQuote } from '../model/shell-quote';
import type { Host } from '../model/topology';
import { lastLines } from '../programs/last-lines';
import { bashAsRoot, type SshClient } from '../ssh/client';
import { SshError } from '../ssh/ssh-error';
import { UserError } from '../user-error';
import restartAgent from './scripts/restart-agent.sh';
import startServer from './scripts/start-server.sh';
import stopServer from './scripts/stop-server.sh';

const minutes = 60_000;

/** A start takes up to five minutes before it counts as failed. */
const limits = { stop: 3 * minutes, start: 6 * minutes, agent: minutes };

/** What a restore does on the nodes. */
export class Nodes {
  constructor(private readonly ssh: Pick<SshClient, 'run'>) {}

  /**
   * Stops k3s on servers, all at once.
   *
   * @returns servers that cannot be reached, with the reason
   * @throws UserError when one does not stop
   */
  async stop(servers: readonly Host[]): Promise<SshError[]> {
    const failed = await Promise.all(
      servers.map(async (host): Promise<SshError | undefined> => {
        try {
          await this.script(host, oneText(stopServer), limits.stop);
          return undefined;
        } catch (error) {
          if (error instanceof SshError) return error;
          throw error;
        }
      }),
    );
    return failed.filter((error) => error !== undefined);
  }

  /**
   * Starts k3s: on one server first, whose start writes what the others read, then on the others.
   *
   * @param aside whether they take their CAs from the database
   * @returns servers that are set up for another database, and so are left stopped
   * @throws UserError of the first that fails
   */
  async start(
    [first, ...others]: readonly Host[],
    { endpoint, aside }: { readonly endpoint: string; readonly aside: boolean },
  ): Promise<Host[]> {
    const elsewhere: Host[] = [];
    const inputs = `ENDPOINT=${shellQuote(endpoint)} ASIDE=${aside}`;
    const start = async (host: Host) => {
      const input = `HOST=${shellQuote(host.name)} ${inputs}\n${oneText(startServer)}`;
      const { stdout } = await this.script(host, input, limits.start);
      if (stdout.trim() === 'elsewhere') elsewhere.push(host);
    };
    if (first) await start(first);
    await Promise.all(others.map(start));
    return elsewhere;
  }

  /** Restarts agents. @returns those that cannot be reached or do not, with the reason */
  async restartAgents(agents: readonly Host[]): Promise<string[]> {
    const failures = await Promise.all(
      agents.map((host) =>
        this.script(host, oneText(restartAgent), limits.agent).then(
          () => undefined,
          (error) => {
            if (!(error instanceof UserError)) throw error;
            return error.message;
          },
        ),
      ),
    );
    return failures.filter((message) => message !== undefined);
  }

  private async script(host: Host, input: string, timeoutMs: number) {
    const result = await this.ssh.run(host, bashAsRoot, { input, timeoutMs });
    const { exitCode, stderr } = result;
    if (exitCode !== 0) throw new UserError(`${host.name}: ${lastLines(stderr) || `exit code ${exitCode}`}`);
    return result;
  }
}
