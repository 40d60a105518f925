import { newId } from '#libs/kernel';
import type { Role } from '#libs/platform/access';
import type { Database } from '#libs/platform/database';

type Covers = 'home' | 'all' | 'group' | 'tenant';

/** Somebody who may sign in, with roles: `PersonFactory.at('msp').named('olga').granted('owner', 'all').in(admin)`. */
export class PersonFactory {
  private readonly grants: { role: Role; covers: Covers; covers_id: string | null; source: 'claim' | 'manual' }[] = [];
  private source: 'invitation' | 'command' | 'emergency' = 'invitation';
  private name = `person-${newId().slice(-8)}`;

  private constructor(private readonly tenant: string) {}

  static at(tenant: string): PersonFactory {
    return new PersonFactory(tenant);
  }

  named(name: string): this {
    this.name = name;
    return this;
  }

  /** How they got in. */
  from(source: 'invitation' | 'command' | 'emergency'): this {
    this.source = source;
    return this;
  }

  granted(role: Role, covers: Covers, coversId: string | null = null, source: 'claim' | 'manual' = 'manual'): this {
    this.grants.push({ role, covers, covers_id: coversId, source });
    return this;
  }

  /** Gives the person's id. */
  async in(admin: Database): Promise<string> {
    const { tenant: tenant_id, name } = this;
    const id = newId();
    const person = {
      tenant_id,
      id,
      subject: `${name}@${tenant_id}`,
      display_name: name,
      source: this.source,
    };
    // one transaction: an emergency account is made with its roles, or its change would raise an alarm
    await admin.transaction().execute(async (tx) => {
      await tx
        .insertInto('people')
        .values({ ...person, mail: `${name}@${tenant_id}.example`, language: 'de' })
        .execute();
      for (const grant of this.grants)
        await tx
          .insertInto('role_grants')
          .values({ ...grant, tenant_id, id: newId(), person_id: id, granted_by: 'test' })
          .execute();
    });
    return id;
  }
}
