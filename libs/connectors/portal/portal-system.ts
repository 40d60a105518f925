import type { SystemConnection } from '../block.js';

/** The name of the system behind portal accounts: ours. Every customer has it, without a row. */
export const PORTAL = 'portal';

/** The connection that stands for the portal: there is nothing to configure. */
export function portalSystem(tenant: string): SystemConnection {
  return { tenant, name: PORTAL, kind: 'portal', config: {}, secretRef: null };
}
