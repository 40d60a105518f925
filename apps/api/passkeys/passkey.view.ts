import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Passkey } from '#libs/identity';

@ApiSchema({ name: 'Passkey', description: 'What is known of a passkey.' })
export class PasskeyView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ description: 'Whether it is copied between its owner’s devices.' })
  readonly isSynced!: boolean;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly lastUsedAt!: string | null;
}

@ApiSchema({ name: 'PasskeyList' })
export class PasskeyListView {
  @ApiProperty({ type: [PasskeyView] })
  readonly items!: PasskeyView[];
}

@ApiSchema({ name: 'PasskeyOptions', description: 'What the browser makes a passkey by.' })
export class PasskeyOptionsView {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description:
      'For `PublicKeyCredential.parseCreationOptionsFromJSON()`. They hold once, for five minutes, in this browser.',
  })
  readonly publicKey!: object;
}

export function passkeyView({ id, name, backedUp: isSynced, createdAt, lastUsedAt }: Passkey): PasskeyView {
  return { id, name, isSynced, createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
}
