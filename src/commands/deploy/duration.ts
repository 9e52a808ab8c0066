/** `0.4s`, `12s`, `3m 07s`, `1h 02m`. */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  if (Math.round(seconds) < 60) return `${Math.round(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  return minutes < 60
    ? `${minutes}m ${two(seconds % 60)}s`
    : `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
}
