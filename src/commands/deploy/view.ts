import type { StepBoard } from './step-board';

/** How a deploy is watched: live on a terminal, or line by line. */
export interface View {
  /** A stage begins; the one before it has ended well. */
  stage(name: string, board?: StepBoard): void;
  /** Something happened on a host or in the cluster. Only printed line by line: the live view shows the board. */
  event(line: string): void;
  /** What is to stay on the screen. */
  note(line: string): void;
  /** What the present stage is waiting for, in a few words. */
  waitingFor(text: string): void;
  /** The present stage has ended; nothing is drawn any more until the next. */
  end(state: 'done' | 'failed'): void;
}
