const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls `handler` each time that somebody wants this process to end. @returns what makes it stop listening */
export function onInterrupt(handler: () => void): () => void {
  for (const signal of signals) process.on(signal, handler);
  return () => {
    for (const signal of signals) process.off(signal, handler);
  };
}
