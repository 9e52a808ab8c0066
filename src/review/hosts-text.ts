import leave from '../hosts/leave.sh';
import { nameList } from '../model/host-groups';
import type { SynthesizedStep } from '../model/host-step';
import type { Host, Topology } from '../model/topology';
import type { FileTree } from '../output/file-tree';
import { effectsOf, trafficTo } from '../roles/roles';
import { resourceOf } from './compared-hosts';
import { type Line, mergedLines } from './merged-lines';
import { SharedFiles } from './shared-files';

/**
 * What an apply does on hosts, as people read and compare it: a page for all hosts of the same roles, with their steps in
 * order, and beside the pages the files and scripts that hosts share. It depends on cluster.yaml alone.
 */
export function hostsText(topology: Topology, steps: readonly SynthesizedStep[]): FileTree {
  const shared = new SharedFiles(steps);
  const texts = new Steps(topology, steps, shared);
  const pages = new Map<string, Host[]>();
  for (const host of topology.hosts) {
    const page = `${host.roles.join('-')}.txt`;
    const hosts = pages.get(page);
    if (hosts) hosts.push(host);
    else pages.set(page, [host]);
  }
  return new Map([
    ...[...pages].map(([page, hosts]): [string, string] => [page, texts.page(hosts)]),
    ...shared.texts,
    ['scripts/leave.sh', leave.text],
  ]);
}

/** Files that every script has beside it: they are sourced, as the scripts say. */
const isLibrary = (name: string) => /^lib(-.*)?\.sh$|^start\.sh$/.test(name);

class Steps {
  private readonly of = new Map<string, SynthesizedStep[]>();
  private readonly at: ReadonlyMap<string, SynthesizedStep>;

  constructor(
    private readonly topology: Topology,
    steps: readonly SynthesizedStep[],
    private readonly shared: SharedFiles,
  ) {
    for (const step of steps) {
      const ofHost = this.of.get(step.host);
      if (ofHost) ofHost.push(step);
      else this.of.set(step.host, [step]);
    }
    this.at = new Map(steps.map((step) => [resourceOf(step), step]));
  }

  /** @param hosts of the same roles */
  page(hosts: readonly Host[]): string {
    const alike = new Map<string, Host[]>();
    for (const host of hosts) {
      const key = maskOf(host)(this.particulars(host));
      const group = alike.get(key);
      if (group) group.push(host);
      else alike.set(key, [host]);
    }
    const texts = [...alike.values()].flatMap((group) =>
      group.slice(0, 1).map((first) => ({ hosts: group.map(({ name }) => name), lines: this.lines(first) })),
    );
    const lines = mergedLines(texts, (names) => nameList(names)).map((line) =>
      line.startsWith(' ') ? line : `\n${line}`,
    );
    return `${['\nhosts', ...hosts.map((host) => `    ${addressText(host)}`), ...lines].join('\n')}\n`;
  }

  /** What distinguishes hosts of the same roles. */
  private particulars({ name }: Host): string {
    const texts = (this.of.get(name) ?? []).map((step) => [
      ...[step.step, this.shared.idOf(step), step.upload],
      ...step.after.map((address) => address.replace(name, '')),
      ...Object.entries(step.own).flat(),
    ]);
    return texts.flat().join('\0');
  }

  private lines(host: Host): Line[] {
    const mask = maskOf(host);
    const lines: Line[] = [];
    const add = (depth: number, text: string, masked = text) => lines.push({ depth, text, masked });
    const addOwn = (depth: number, text: string) => add(depth, text, mask(text));
    add(0, 'ports');
    for (const line of portLines(host, this.topology)) add(1, line);
    for (const step of this.of.get(host.name) ?? []) {
      add(0, step.step);
      for (const line of this.orderLines(step)) add(1, line);
      for (const { of, called = of.join(', '), does } of effectsOf(host, step.step, this.topology))
        add(1, `a change of ${called}: ${does}`);
      if (step.upload !== undefined) addOwn(1, `brings ${step.upload}`);
      const paths = this.shared.pathsOf(step);
      add(1, `runs ${paths.get('run.sh')}`);
      for (const line of ownLines(step, 'step.env')) addOwn(2, line);
      for (const [name, path] of paths) if (name !== 'run.sh' && !isLibrary(name)) add(1, `with ${path}`);
      for (const [name, text] of Object.entries(step.own)) {
        if (name === 'step.env' || text === '') continue;
        add(1, name);
        for (const line of ownLines(step, name)) addOwn(2, `| ${line}`.trimEnd());
      }
    }
    return lines;
  }

  /** Steps before it, those on other hosts by step. */
  private orderLines({ host, after }: SynthesizedStep): string[] {
    const here: string[] = [];
    const others = new Map<string, string[]>();
    for (const address of after) {
      const before = this.at.get(address);
      if (before?.host === host) here.push(before.step);
      else if (before) others.set(before.step, [...(others.get(before.step) ?? []), before.host]);
    }
    const texts = [...here, ...[...others].map(([step, hosts]) => `${step} on ${nameList(hosts)}`)];
    return texts.length > 0 ? [`after ${texts.join('; ')}`] : [];
  }
}

function ownLines({ own, host }: SynthesizedStep, name: string): string[] {
  const lines = (own[name] ?? '').trimEnd().split('\n');
  return name === 'step.env' ? lines.filter((line) => line !== `HOST='${host}'`) : lines;
}

function portLines(host: Host, topology: Topology): string[] {
  return trafficTo(host, topology).map(({ protocol, ports, from, programs }) => {
    const name = ports.length > 0 ? `${ports.join(', ')}/${protocol}` : protocol;
    return `${name} from ${from}${programs === undefined ? '' : `: ${programs}`}`;
  });
}

/** How it is reached, and its addresses in the cluster if they are others. */
function addressText({ name, address, nodeIps, ssh: { user, port, bastion } }: Host): string {
  const others = nodeIps.filter((ip) => ip !== address);
  const way = `${user}@${address}${port === 22 ? '' : ` port ${port}`}`;
  const through = bastion ? ` through ${bastion.user}@${bastion.address}` : '';
  return `${name}  ${way}${through}${others.length > 0 ? `, ${others.join(', ')}` : ''}`;
}

/** Puts placeholders for what only this host is called. */
function maskOf({ name, address, nodeIps }: Host): (text: string) => string {
  const placeholders = new Map([[address, '<address>']]);
  for (const [index, ip] of nodeIps.entries())
    if (!placeholders.has(ip)) placeholders.set(ip, index === 0 ? '<node-ip>' : `<node-ip-${index + 1}>`);
  placeholders.set(name, '<host>');
  // A name may be part of an address: `pi` of `pi.home.arpa`.
  const words = [...placeholders].sort(([a], [b]) => b.length - a.length);
  return (text) => words.reduce((masked, [word, placeholder]) => exchanged(masked, word, placeholder), text);
}

/** `agent1` is no part of `agent1-old`, nor `192.168.10.1` of `192.168.10.11`. */
function exchanged(text: string, word: string, by: string): string {
  const [first = '', ...rest] = text.split(word);
  let [masked, before] = [first, first];
  for (const after of rest) {
    const isWhole = !/[\w.-]$/.test(before) && !/^(?:[\w-]|\.\w)/.test(after);
    const isWholeIp = !word.includes(':') || !(before.endsWith(':') || after.startsWith(':'));
    masked += `${isWhole && isWholeIp ? by : word}${after}`;
    before = after === '' ? word : after;
  }
  return masked;
}
