const pictures = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** The spinner of what is running. @param frame counted up without end */
export function spinner(frame: number): string {
  return pictures[frame % pictures.length] ?? pictures[0];
}
