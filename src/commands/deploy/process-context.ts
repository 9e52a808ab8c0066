import { terminalConfirm } from '../confirm';
import { defaultKubeconfig } from '../kubeconfig';
import type { DeployContext } from './deploy-options';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a deploy uses of the process that it runs in. */
export function processContext(plain: boolean): DeployContext {
  const { env, stdout } = process;
  const canDraw = stdout.isTTY && env.TERM !== 'dumb' && !env.CI;
  return {
    now: new Date(),
    clock: () => performance.now(),
    confirm: terminalConfirm(),
    screen:
      canDraw && !plain
        ? {
            write: (text) => void stdout.write(text),
            size: () => ({ width: stdout.columns || 80, height: stdout.rows || 24 }),
            color: !env.NO_COLOR,
          }
        : undefined,
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
