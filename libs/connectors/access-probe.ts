import { AppError } from '#libs/kernel';
import { isDatabaseUnavailable } from '#libs/platform/database';
import { probeDirectory } from './ldap/ldap-access-probe.js';
import type { AccessProbe, ProbeContext } from './probe.js';
import { probeMailServer } from './smtp/smtp-access-probe.js';

export type { AccessProbe, ProbeContext } from './probe.js';

/**
 * Tries to sign in at a system with the credential that we hold, which must be refused when our access there is to be gone.
 * Whatever cannot be tried is `unknown`, with the reason: never gone.
 */
export async function probeAccess(context: ProbeContext): Promise<AccessProbe> {
  try {
    switch (context.system.kind) {
      case 'ldap':
        return await probeDirectory(context);
      case 'smtp':
        return await probeMailServer(context);
      case 'http':
      case 'manual':
      case 'portal':
        return { state: 'unknown', evidence: { code: 'access.no_probe', kind: context.system.kind } };
    }
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof AppError) || isDatabaseUnavailable(error)) throw error;
    return { state: 'unknown', evidence: { code: error.code } };
  }
}
