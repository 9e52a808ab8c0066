import type { StepBoard } from './step-board';

/** How a deploy is watched: live on a terminal, or line by line. */
export interface View {
  /** A stage starts; the previous one has succeeded. */
  stage(name: string, board?: StepBoard): void;
  /** Something happened on a host or in the cluster. Only printed line by line: the live view shows the board. */
  event(line: string): void;
  /** What is to stay on the screen. */
  note(line: string): void;
  /** What the current stage is waiting for, in a few words. */
  waitingFor(text: string): void;
  /** The current stage has ended; nothing is drawn until the next. */
  end(state: 'done' | 'failed'): void;
}
