import { tryProgram } from '../programs/try-program';
import { UserError } from '../user-error';

/** ApplySets, with which kubectl deletes what is no longer in `dist`, came with it. */
const oldest = [1, 27];

const howToGet = 'see https://kubernetes.io/docs/tasks/tools/, it is one file';

/**
 * Version of the kubectl on the PATH.
 *
 * @throws UserError when there is none, or it is too old
 */
export async function findKubectl(environment: NodeJS.ProcessEnv): Promise<string> {
  const result = await tryProgram('kubectl', ['version', '--client', '-o', 'json'], {
    env: environment,
    timeoutMs: 30_000,
  });
  if ('failure' in result)
    throw new UserError(`kubectl ${result.failure}, which applies the manifests: ${howToGet}`);
  const [, version = '', major, minor] = /"gitVersion": *"(v(\d+)\.(\d+)\b[^"]*)"/.exec(result.stdout) ?? [];
  if (version === '')
    throw new UserError(`what is called kubectl here does not say its version: ${howToGet}`);
  if (Number(major) > (oldest[0] ?? 0) || Number(minor) >= (oldest[1] ?? 0)) return version;
  throw new UserError(`kubectl ${version} is too old, ${oldest.join('.')} or newer is needed: ${howToGet}`);
}
