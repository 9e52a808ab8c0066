import { someNames, together } from '../model/host-groups';
import type { Problem } from './problem';

export interface ProblemSentence {
  readonly severity: Problem['severity'];
  readonly text: string;
}

/** A number that may differ where the same is said: of a version, a path or an address it is a part. */
const figure = /(?<=^|[\s(])\d+(?:\.\d+)?(?=$|[\s%°,;:)])/g;

/**
 * A problem of several hosts is reported once, with the range of its figures, unless it matters more on some of them.
 */
export function problemSentences(problems: readonly Problem[]): ProblemSentence[] {
  const before = new Map<string, Set<string>>();
  const same = ({ severity, host, message }: Problem) => {
    if (host === undefined) return `${severity} ${message}`;
    const finding = `${severity}: ${general({ host, message }).replace(figure, '#')}`;
    // What is said twice of one host differs in what matters.
    const own = before.get(`${host} ${finding}`) ?? new Set();
    before.set(`${host} ${finding}`, own.add(message));
    return `${finding} ${[...own].indexOf(message)}`;
  };
  return together(problems, same).flatMap((alike) => {
    const [first] = alike;
    if (!first) return [];
    const { severity, message } = first;
    const hosts = [...new Set(alike.flatMap(({ host }) => host ?? []))];
    if (hosts.length === 0) return { severity, text: message };
    const text = hosts.length === 1 ? message : withFigures(alike.map(general));
    return { severity, text: `${someNames(hosts)}: ${text}` };
  });
}

/** As it is said of any host: commands in it may have its name. */
function general({ host, message }: Pick<Problem, 'host' | 'message'>): string {
  if (host === undefined || !message.includes(host)) return message;
  return message.replace(/[\w-]+/g, (word) => (word === host ? 'NAME' : word));
}

/** One of several messages that differ in their figures. */
function withFigures(messages: readonly string[]): string {
  const found = messages.map((message) => message.match(figure) ?? []);
  let index = -1;
  return (messages[0] ?? '').replace(figure, (text) => {
    index += 1;
    const values = found.map((figures) => figures[index] ?? text).sort((a, b) => Number(a) - Number(b));
    const [least, most] = [values[0], values.at(-1)];
    return least === most ? text : `${least}–${most}`;
  });
}
