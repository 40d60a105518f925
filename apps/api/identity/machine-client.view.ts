import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { MachineClient } from '#libs/identity';
import { HELD, type Held } from '#libs/platform/access';
import type { Page } from '../http/cursor.js';

@ApiSchema({ name: 'MachineClient', description: 'A program that an issuer gives access tokens to.' })
export class MachineClientView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty()
  readonly provider!: string;
  @ApiProperty()
  readonly clientId!: string;
  @ApiProperty()
  readonly subject!: string;
  @ApiProperty()
  readonly role!: string;
  @ApiProperty({ type: [String], nullable: true })
  readonly scopes!: readonly string[] | null;
  @ApiProperty({ type: [String], nullable: true })
  readonly covers!: readonly string[] | null;
  @ApiProperty()
  readonly enabled!: boolean;
  @ApiProperty({
    enum: HELD,
    nullable: true,
    description:
      'Why it does less than it was entered for, or nothing: it does no more than whoever entered it may now. Entering it anew takes it over. Null: it does all of it.',
  })
  readonly held!: Held | null;
  @ApiProperty()
  readonly setBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly setAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'To the minute.' })
  readonly lastUsedAt!: string | null;
}

@ApiSchema({ name: 'MachineClientPage' })
export class MachineClientPageView implements Page<MachineClientView> {
  @ApiProperty({ type: [MachineClientView] })
  readonly items!: MachineClientView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function machineClientView({ setAt, lastUsedAt, ...machine }: MachineClient): MachineClientView {
  return { ...machine, setAt: setAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
}
