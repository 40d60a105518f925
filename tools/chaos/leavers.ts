import { Client } from 'ldapts';
import type { Development } from '../demo/development.js';

/** The customer whose leavers these are. */
export const TENANT = 'muster';
const TEAM = 20;
const AT_ONCE = 8;

/** A person made for this run of chaos, and what a complete off-boarding does to the entry. */
export interface Leaver {
  readonly user: string;
  /** Who is told that the off-boarding has run; not the leaver, who is never told. */
  readonly told: string;
  readonly groups: readonly string[];
}

/** Names that no earlier run in the same directory has used. */
export function leaversOf(label: string, count: number, baseDn: string): Leaver[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(4, '0');
    const team = `cn=chaos-${label}-${Math.floor(index / TEAM)},ou=groups,${baseDn}`;
    return {
      user: `leaver-${number}.${label}`,
      told: `hr.leaver-${number}.${label}@chaos.example`,
      groups: [`cn=chaos-${label}-all,ou=groups,${baseDn}`, team],
    };
  });
}

/**
 * Puts people and their groups into the customer's directory, as its administrator. Each group keeps the stand-in as a
 * member, so that removing the last person is not another write than removing the others.
 */
export async function enterLeavers(
  { url, bindDn, password, baseDn }: Development['directories'][string],
  leavers: readonly Leaver[],
): Promise<void> {
  const client = new Client({ url, timeout: 10_000, connectTimeout: 5_000 });
  try {
    await client.bind(bindDn, password);
    for (let from = 0; from < leavers.length; from += AT_ONCE)
      await Promise.all(leavers.slice(from, from + AT_ONCE).map((leaver) => enterPerson(client, leaver, baseDn)));
    for (const group of new Set(leavers.flatMap(({ groups }) => groups))) {
      const members = leavers.filter(({ groups }) => groups.includes(group)).map(({ user }) => dnOf(user, baseDn));
      const standIn = `cn=nobody,ou=services,${baseDn}`;
      await client.add(group, { objectClass: 'groupOfNames', member: [standIn, ...members] });
    }
  } finally {
    await client.unbind();
  }
}

function enterPerson(client: Client, { user }: Leaver, baseDn: string): Promise<void> {
  return client.add(dnOf(user, baseDn), {
    objectClass: 'inetOrgPerson',
    uid: user,
    cn: user,
    sn: user,
    mail: `${user}@muster.example`,
    telephoneNumber: '+49 221 4710-999',
    mobile: '+49 171 3920099',
    userPassword: `first password of ${user}`,
  });
}

function dnOf(user: string, baseDn: string): string {
  return `uid=${user},ou=people,${baseDn}`;
}
