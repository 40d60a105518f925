import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  PROTECTED_KINDS,
  PROTECTION_RULES,
  type ProtectedAccountRow,
  type ProtectedKind,
  type ProtectionRule,
} from '#libs/requests';
import type { Page } from '../http/cursor.js';

@ApiSchema({ name: 'ProtectedAccount' })
export class ProtectedAccountView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ description: 'The login name, in lower case.' })
  readonly user!: string;
  @ApiProperty({ enum: PROTECTED_KINDS })
  readonly kind!: ProtectedKind;
  @ApiProperty({ enum: PROTECTION_RULES })
  readonly rule!: ProtectionRule;
  @ApiProperty({ type: String, nullable: true })
  readonly note!: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The entry’s identity, learned from the directory: a renamed account stays protected.',
  })
  readonly identity!: string | null;
  @ApiProperty()
  readonly setBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly setAt!: string;
}

@ApiSchema({ name: 'ProtectedAccountPage' })
export class ProtectedAccountPageView implements Page<ProtectedAccountView> {
  @ApiProperty({ type: [ProtectedAccountView] })
  readonly items!: ProtectedAccountView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function protectedAccountView(row: ProtectedAccountRow): ProtectedAccountView {
  return {
    tenant: row.tenant_id,
    user: row.user_name,
    kind: row.kind,
    rule: row.rule,
    note: row.note,
    identity: row.identity,
    setBy: row.set_by,
    setAt: row.set_at.toISOString(),
  };
}
