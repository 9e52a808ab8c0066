import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandResult } from '../command';

/** The agent did not answer: its machine is off, still boots, or is too busy. */
export class NoAnswer extends Error {}

/**
 * QEMU's guest agent: runs programs in a virtual machine past its network and its SSH server. The socket serves one
 * connection at a time, so each question is a connection of its own.
 */
export class GuestAgent {
  constructor(private readonly socket: string) {}

  /** Whether it answers within `timeout` milliseconds. */
  async answers(timeout: number): Promise<boolean> {
    try {
      await this.ask('guest-ping', {}, timeout);
      return true;
    } catch (error) {
      if (error instanceof NoAnswer) return false;
      throw error;
    }
  }

  /**
   * Runs a program to its end.
   *
   * @param isOn whether the machine is still there
   * @param timeout milliseconds for each question to the agent, not for the program
   * @throws NoAnswer when the machine goes off meanwhile, or says nothing for that long
   */
  async run(
    program: string,
    args: readonly string[],
    input: string,
    isOn: () => boolean,
    timeout = 60_000,
  ): Promise<CommandResult> {
    const execution = {
      path: program,
      arg: args,
      'input-data': Buffer.from(input).toString('base64'),
      'capture-output': true,
    };
    const { pid } = await this.ask<{ pid: number }>('guest-exec', execution, timeout);
    for (let pause = 50; ; pause = Math.min(pause * 1.5, 500)) {
      if (!isOn()) throw new NoAnswer('went off');
      const ended = await this.ask<Ended>('guest-exec-status', { pid }, timeout);
      if (ended.exited) {
        return {
          status: ended.exitcode ?? -1,
          stdout: decode(ended['out-data']),
          stderr: decode(ended['err-data']),
        };
      }
      await sleep(pause);
    }
  }

  private ask<T>(execute: string, args: object, timeout: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const connection = connect(this.socket);
      const id = Math.floor(Math.random() * 2 ** 31);
      // 0xff makes the agent forget half a question that somebody before has left; it answers with one before `id`.
      const synchronize = JSON.stringify({ execute: 'guest-sync-delimited', arguments: { id } });
      let received = Buffer.alloc(0);
      const end = (outcome: () => void) => {
        clearTimeout(timer);
        connection.destroy();
        outcome();
      };
      const fail = (reason: string) => end(() => reject(new NoAnswer(`${execute}: ${reason}`)));
      const timer = setTimeout(() => fail(`no answer within ${timeout / 1000} s`), timeout);
      connection.on('error', (error) => fail(error.message));
      connection.on('close', () => fail('the connection was closed'));
      connection.on('connect', () => {
        connection.write(Buffer.concat([Buffer.from([0xff]), Buffer.from(`${synchronize}\n`)]));
      });
      let asked = false;
      connection.on('data', (part) => {
        received = Buffer.concat([received, part]);
        for (let line = nextLine(); line !== undefined; line = nextLine()) {
          const message = parse<T>(line);
          if (!asked && message?.return === id) {
            asked = true;
            connection.write(`${JSON.stringify({ execute, arguments: args })}\n`);
          } else if (asked && message) {
            const { error, return: value } = message;
            end(() => (error ? reject(new Error(`${execute}: ${error.desc}`)) : resolve(value as T)));
          }
        }
      });
      const nextLine = () => {
        const newline = received.indexOf('\n');
        if (newline < 0) return undefined;
        const line = received.subarray(received.lastIndexOf(0xff, newline) + 1, newline).toString();
        received = received.subarray(newline + 1);
        return line;
      };
    });
  }
}

interface Ended {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly 'out-data'?: string;
  readonly 'err-data'?: string;
}

interface Message<T> {
  readonly return?: T | number;
  readonly error?: { readonly desc: string };
}

function parse<T>(line: string): Message<T> | undefined {
  try {
    return JSON.parse(line) as Message<T>;
  } catch {
    return undefined; // The rest of an answer to somebody before.
  }
}

function decode(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString();
}
