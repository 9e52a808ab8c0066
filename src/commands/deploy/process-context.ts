import { terminalConfirm } from '../confirm';
import { defaultKubeconfig } from '../kubeconfig';
import { liveScreen } from '../live-screen';
import type { DeployContext } from './deploy-options';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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
    onInterrupt: (handler) => {
      for (const signal of signals) process.on(signal, handler);
      return () => {
        for (const signal of signals) process.off(signal, handler);
      };
    },
  };
}
