import type { JsonObject } from '#libs/kernel';
import type { OutgoingGuard } from '#libs/platform/outgoing';
import type { BlockSecrets, SystemConnection } from './block.js';

/** What trying our credential told: `gone` only when the system refused it as one that does not let in, which proves something only of a credential that did before. */
export interface AccessProbe {
  readonly state: 'gone' | 'still_open' | 'unknown';
  readonly evidence: JsonObject;
}

/** What a probe gets. */
export interface ProbeContext {
  readonly tenant: string;
  /** What the probe is for: the off-boarding. */
  readonly runId: string;
  readonly system: SystemConnection;
  readonly secrets: Pick<BlockSecrets, 'resolve' | 'signedIn'>;
  readonly outgoing: OutgoingGuard;
  readonly signal: AbortSignal;
}
