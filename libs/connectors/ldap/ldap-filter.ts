import {
  AndFilter,
  BerWriter,
  Control,
  EqualityFilter,
  NotFilter,
  OrFilter,
  PresenceFilter,
  type Filter,
} from 'ldapts';

/** The attribute has this value. Values go to the server as they are: there is no filter text that could be broken out of. */
export function equals(attribute: string, value: string | Buffer): Filter {
  return new EqualityFilter({ attribute, value });
}

export const all = (...filters: Filter[]): Filter => new AndFilter({ filters });
export const any = (...filters: Filter[]): Filter => new OrFilter({ filters });
export const present = (attribute: string): Filter => new PresenceFilter({ attribute });
export const absent = (attribute: string): Filter => new NotFilter({ filter: present(attribute) });

const OCTET_STRING = 0x04;

/** The assertion control (RFC 4528): the server writes only if the entry matches the filter at that moment. */
export class AssertionControl extends Control {
  constructor(private readonly filter: Filter) {
    super('1.3.6.1.1.12', { critical: true });
  }

  protected override writeControl(writer: BerWriter): void {
    const value = new BerWriter();
    this.filter.write(value);
    writer.writeBuffer(value.buffer, OCTET_STRING);
  }
}
