import { terminalConfirm } from '../confirm';
import { defaultKubeconfig } from '../kubeconfig';
import { liveScreen } from '../live-screen';
import { onInterrupt } from '../on-interrupt';
import type { DeployContext } from './deploy-options';

/** What a deploy uses of the process that it runs in. @param people stream that people look at */
export function processContext(plain: boolean, people: NodeJS.WriteStream): DeployContext {
  const { env } = process;
  return {
    now: new Date(),
    clock: () => performance.now(),
    confirm: terminalConfirm(people),
    screen: plain ? undefined : liveScreen(people, env),
    environment: env,
    kubeconfig: defaultKubeconfig(env),
    onInterrupt,
  };
}
