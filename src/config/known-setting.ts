/** The values that a program's setting accepts, as the program itself says. */
export interface KnownSetting {
  /** `list`: k3s accepts several. `text`: anything. */
  readonly type: 'bool' | 'int' | 'number' | 'duration' | 'text' | 'list';
  /** All values that it accepts, as it says itself; a later release may accept more. */
  readonly values?: readonly string[];
  /** Postgres: what a number without a unit counts. */
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  /** Postgres: read-only. */
  readonly readOnly?: boolean;
}

export type KnownSettings = Readonly<Record<string, KnownSetting>>;
