import { signInPlace, type SystemConnection } from '#libs/connectors';
import { systemClock } from '#libs/kernel';
import { inTenants, type Database } from '#libs/platform/database';
import { keepSignIn } from '../store/sign-in.store.js';

/** A sign-in that is known is not written again within this time. */
const KNOWN_MS = 3_600_000;

/** Notes which version of a secret a customer's system let us in with: by this a later refusal is judged. */
export class SignIns {
  /** By system: what was noted last, and when. */
  private readonly known = new Map<string, { readonly what: string; readonly at: number }>();

  constructor(private readonly database: Database) {}

  /** `versionId` null: the secret's source keeps no versions, so that nothing can be said of it later. Never throws. */
  async note(system: SystemConnection, versionId: string | null): Promise<void> {
    const place = signInPlace(system);
    if (versionId === null || place === null) return;
    const { tenant, name } = system;
    const key = `${tenant}/${name}`;
    const what = `${versionId} ${place}`;
    const now = systemClock.now().getTime();
    const before = this.known.get(key);
    if (before?.what === what && now - before.at < KNOWN_MS) return;
    this.known.set(key, { what, at: now });
    try {
      await inTenants(this.database, [tenant], (tx) => keepSignIn(tx, system, { versionId, place }));
    } catch {
      // the system has let us in, and work goes on: the next sign-in is noted instead
      this.known.delete(key);
    }
  }
}
