import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOptions, type CommandResult, command } from './command';
import { hostKind } from './host-kinds';
import { authorizedKeys, sshConfig, sshKey, writeIdentity } from './identity';
import { bare, gatewayFor, type LabConfig, operatorAddresses } from './lab-config';
import type { LabHost } from './lab-host';
import { hostsFile, networkDown, networkUp } from './lab-network';
import { allStates, isAbandoned, type LabState, labDirectory, readState, writeState } from './lab-state';
import { identify } from './process-identity';
import { openWayOut, resolvConf } from './way-out';

export interface LabOptions {
  /**
   * Whether the lab is this process's own: whatever lab comes next removes it when this process has died.
   * @default true
   */
  readonly owned?: boolean;
  /**
   * Paths of private keys whose public halves, in files beside them, may log in too.
   * @default none, only the lab's own key
   */
  readonly privateKeys?: readonly string[];
  /** Ends the wait for hosts that boot; what is there by then is taken down. */
  readonly signal?: AbortSignal;
}

/** Real systemd hosts on a network of their own, on this machine. */
export class Lab {
  readonly name: string;
  /** Network namespace of the operator: `ip netns exec NAMESPACE …`. */
  readonly namespace: string;
  readonly directory: string;
  /** Whether hosts and operator reach the internet. */
  readonly isOnline: boolean;
  /** In the order of the config. */
  hosts: readonly LabHost[];
  /** Private key that logs in to every host. */
  readonly privateKey: string;
  /** Socket of an SSH agent that holds the key, for a cluster.yaml that names none. */
  readonly agentSocket: string;
  /** The hosts' public keys, by name and address. */
  readonly knownHosts: string;
  /** For `ssh -F` in the lab's namespace. */
  readonly sshConfig: string;

  private constructor(private state: LabState) {
    const { config, namespace } = state;
    this.name = config.name;
    this.isOnline = config.online ?? false;
    this.namespace = namespace;
    this.directory = labDirectory(config.name);
    this.privateKey = join(this.directory, 'id_ed25519');
    this.agentSocket = join(this.directory, 'ssh-agent.sock');
    this.knownHosts = join(this.directory, 'known_hosts');
    this.sshConfig = join(this.directory, 'ssh_config');
    this.hosts = config.hosts.map((_, index) => this.hostAt(index));
  }

  private hostAt(index: number): LabHost {
    const { config, namespace } = this.state;
    const host = config.hosts[index];
    if (!host) throw new Error(`lab '${this.name}' has no host ${index}`);
    const operators = operatorAddresses(config);
    return hostKind(config.kind).host(host, {
      namespace,
      index,
      directory: join(this.directory, 'hosts', host.name),
      routes: host.addresses.map((address) => `${address} ${gatewayFor(address, operators)}`),
    });
  }

  /** Boots every host at once; resolves when all SSH servers listen. After an error nothing is left. */
  static async up(
    config: LabConfig,
    { owned = true, privateKeys = [], signal }: LabOptions = {},
  ): Promise<Lab> {
    await Lab.removeAbandoned();
    if (readState(config.name)) {
      throw new Error(`a lab named '${config.name}' is up; take it down, or give this one another --name`);
    }
    await hostKind(config.kind).prepare(config);
    signal?.throwIfAborted();
    const owner = owned ? identify(process.pid) : undefined;
    const state = { config, namespace: `lab-${config.name}`, ...(owner && { owner }) };
    writeState(state);
    const lab = new Lab(state);
    try {
      await lab.start(privateKeys);
      await lab.bootAll(signal);
    } catch (error) {
      await lab.down();
      throw error;
    }
    return lab;
  }

  /** A lab that another process has brought up. Throws when there is none of that name. */
  static open(name: string): Lab {
    const state = readState(name);
    if (!state) throw new Error(`no lab named '${name}' is up; 'npm run lab -- list' shows those that are`);
    return new Lab(state);
  }

  static all(): Lab[] {
    return allStates().map((state) => new Lab(state));
  }

  /** Takes down what processes have left that died before they could. */
  static async removeAbandoned(): Promise<void> {
    for (const state of allStates().filter(isAbandoned)) await new Lab(state).down();
  }

  host(name: string): LabHost {
    const host = this.hosts.find((host) => host.name === name);
    if (!host) throw new Error(`'${name}' is no host of lab '${this.name}'; it has ${this.hostNames()}`);
    return host;
  }

  /** Runs a program on the operator's side: in the lab's network, as the person at the keyboard would. */
  run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return command('ip', ['netns', 'exec', this.namespace, program, ...args], options);
  }

  /** Runs a shell command on a host over SSH, as the host's user. */
  ssh(host: string, script: string, options: CommandOptions = {}): Promise<CommandResult> {
    return this.run(
      'ssh',
      ['-F', this.sshConfig, '-o', 'BatchMode=yes', this.host(host).name, script],
      options,
    );
  }

  /** Puts a new machine in the place of one: bare, with blank disks, at the same addresses, with keys of its own. */
  async replace(name: string): Promise<void> {
    const host = this.host(name);
    const config = this.state.config.hosts.find((each) => each.name === name);
    if (!config) throw new Error(`lab '${this.name}' has no config of '${name}'`);
    await host.destroy();
    const directory = join(this.directory, 'hosts', name);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const authorized = authorizedKeys(this.privateKey, []);
    const known = await writeIdentity(config, directory, { ...this.files(), authorizedKeys: authorized });
    const others = readFileSync(this.knownHosts, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && line.split(',', 1)[0] !== known.split(',', 1)[0]);
    writeFileSync(this.knownHosts, `${others.map((line) => `${line}\n`).join('')}${known}`);
    await host.boot();
  }

  /** Switches a host off and on again at other addresses. Others resolve its name to the old ones. */
  async move(name: string, addresses: readonly string[]): Promise<void> {
    const { config } = this.state;
    const index = config.hosts.findIndex((each) => each.name === name);
    await this.host(name).powerOff();
    const hosts = config.hosts.map((each) => (each.name === name ? { ...each, addresses } : each));
    this.state = { ...this.state, config: { ...config, hosts } };
    writeState(this.state);
    writeFileSync(this.sshConfig, sshConfig(hosts, this.privateKey, this.knownHosts));
    this.hosts = this.hosts.map((host, place) => (place === index ? this.hostAt(index) : host));
    await this.host(name).boot();
  }

  /** Ends every process of the lab and removes what it has on the machine. Also what a dead run has left. */
  async down(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.destroy()));
    await networkDown(this.namespace);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async start(privateKeys: readonly string[]): Promise<void> {
    const { config } = this.state;
    await sshKey(this.privateKey, `lab ${this.name}`);
    const files = this.files();
    const keys = authorizedKeys(this.privateKey, privateKeys);
    const known = await Promise.all(
      config.hosts.map((host) => {
        const directory = join(this.directory, 'hosts', host.name);
        mkdirSync(directory, { recursive: true });
        return writeIdentity(host, directory, { ...files, authorizedKeys: keys });
      }),
    );
    writeFileSync(this.knownHosts, known.join(''));
    writeFileSync(this.sshConfig, sshConfig(config.hosts, this.privateKey, this.knownHosts));
    await networkUp(this.namespace, operatorAddresses(config), files);
    // In the namespace, so that it ends with it.
    await this.run('ssh-agent', ['-a', this.agentSocket]);
    await command('ssh-add', ['-q', this.privateKey], { env: { SSH_AUTH_SOCK: this.agentSocket } });
    if (config.online) await openWayOut(this.namespace, this.directory);
  }

  /** Throws the first failure, when no other host boots any more that could outlive the lab. */
  private async bootAll(signal?: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const any = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
    const boots = this.hosts.map((host) =>
      host.boot(any).catch((error: unknown) => {
        failed.abort(error);
        throw error;
      }),
    );
    await Promise.allSettled(boots);
    any.throwIfAborted();
  }

  /** How names are found, by hosts and operator. */
  private files(): { hosts: string; resolvConf: string } {
    const { hosts, names = {}, online } = this.state.config;
    const entries = [
      ...hosts.flatMap((host) => host.addresses.map((address) => [host.name, bare(address)] as const)),
      ...Object.entries(names),
    ];
    return { hosts: hostsFile(entries), resolvConf: resolvConf(online) };
  }

  private hostNames(): string {
    return this.hosts.map((host) => host.name).join(', ');
  }
}
