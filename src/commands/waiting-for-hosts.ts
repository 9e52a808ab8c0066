import type { Host } from '../model/topology';

/** More names than this are as good as a number. */
const named = 3;

/** Says which hosts are still waited for. @returns what is called with the name of each as it answers */
export function waitingForHosts(
  hosts: readonly Host[],
  waitingFor: (text: string) => void,
): (name: string) => void {
  const open = new Set(hosts.map(({ name }) => name));
  const say = () => {
    const names = [...open].slice(0, named).join(', ');
    waitingFor(open.size > named ? `${names} and ${open.size - named} more` : names);
  };
  say();
  return (name) => {
    open.delete(name);
    say();
  };
}
