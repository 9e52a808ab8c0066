/** What a program says that a setting of it takes. */
export interface KnownSetting {
  /** `list`: k3s takes several. `text`: anything. */
  readonly type: 'bool' | 'int' | 'number' | 'duration' | 'text' | 'list';
  /** All that it takes, as it says itself; a later release may take more. */
  readonly values?: readonly string[];
  /** Postgres: what a number without a unit counts. */
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  /** Postgres: it only tells. */
  readonly readOnly?: boolean;
}

export type KnownSettings = Readonly<Record<string, KnownSetting>>;
