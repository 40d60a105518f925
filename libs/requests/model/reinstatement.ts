/** Taking back what a run did to a user. */
export interface ReinstatementBody {
  readonly type: 'reinstatement';
  readonly runId: string;
  readonly user: string;
  readonly startsAt: string;
  /** Fields (`<step>:<field key>`) that others changed since and that shall be brought back all the same. */
  readonly overwrite: readonly string[];
  readonly reason: string | null;
  /** Who collects the new password by a one-time link; absent or empty: nobody. */
  readonly passwordTo?: readonly string[];
}
