import type { Screen } from './deploy/live-view';

/** A stream that can be drawn on again and again; undefined if that is not a terminal. */
export function liveScreen(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Screen | undefined {
  if (!stream.isTTY || env.TERM === 'dumb' || env.CI) return undefined;
  return {
    write: (text) => void stream.write(text),
    size: () => ({ width: stream.columns || 80, height: stream.rows || 24 }),
    color: !env.NO_COLOR,
  };
}
