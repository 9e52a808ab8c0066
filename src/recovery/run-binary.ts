import { spawn } from 'node:child_process';

/**
 * Runs a program that reads and writes bytes.
 *
 * @throws Error when it is not installed
 */
export function runBinary(
  program: string,
  args: readonly string[],
  input: Buffer,
): Promise<{ exitCode: number; stdout: Buffer; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'pipe' });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => void stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => void stderr.push(chunk));
    child.once('error', () => reject(new Error(`'${program}' is not installed here, which this needs`)));
    child.once('close', (exitCode) =>
      resolve({
        exitCode: exitCode ?? -1,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString('utf8'),
      }),
    );
    // It may end without reading.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
