import type { SystemConnection } from '../block.js';

/** The name of the system behind manual steps: the people of the MSP and the customer. Every customer has it, without a row. */
export const PEOPLE = 'people';

/** The connection that stands for people: there is nothing to configure. */
export function peopleSystem(tenant: string): SystemConnection {
  return { tenant, name: PEOPLE, kind: 'manual', config: {}, secretRef: null };
}
