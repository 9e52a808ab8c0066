const pictures = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** The turning mark of what is at work. @param frame which picture of it, counted up without an end */
export function spinner(frame: number): string {
  return pictures[frame % pictures.length] ?? pictures[0];
}
