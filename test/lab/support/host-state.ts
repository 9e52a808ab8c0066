import type { LabHost } from '../lab-host';

/**
 * What steps have made of a host, whenever and however often they ran: each file, link and unit of theirs with its
 * contents and owner, and under `left over` what a run must not leave behind.
 */
export async function stateOf(host: LabHost): Promise<Record<string, string>> {
  const { stdout } = await host.exec(
    `cd /var/lib/k3s-cdk/records
     for file in *; do sed "s|^|record $file |" "$file"; done
     find /var/lib/k3s-cdk/records -name '*.unfinished' -printf 'left %p\\n'
     find "/home/${host.user}/.k3s-cdk" -mindepth 1 -maxdepth 1 -not -name '*.sh' -printf 'left %p\\n'
     # What Terraform ran is removed by the next step that begins a minute later.
     find "/home/${host.user}/.k3s-cdk" -name '*.sh' -mmin +5 -printf 'left %p\\n'
     find "/home/${host.user}" -maxdepth 1 -name '.k3s-cdk-*' -printf 'left %p\\n'
     find /etc /usr/local /var/lib/k3s-cdk \\( -name '*.k3s-cdk-new' -o -name '*.part' \\) -printf 'left %p\\n'
     for changed in /run/k3s-cdk-changed/*; do [ ! -e "$changed" ] || echo "left $changed"; done`,
  );
  const state: Record<string, string> & { 'left over'?: string } = {};
  const left: string[] = [];
  for (const line of stdout.trim().split('\n')) {
    const [what, step, kind, ...values] = line.split(' ');
    if (what === 'left') left.push(line.slice('left '.length));
    else if (kind === 'file') {
      const [sha256, size, , mode, owner, ...path] = values;
      state[`${step} ${path.join(' ')}`] = [sha256, size, mode, owner].join(' ');
    } else state[`${step} ${kind} ${values.at(-1)}`] = values.slice(0, -1).join(' ');
  }
  return { ...state, 'left over': left.join(', ') };
}
