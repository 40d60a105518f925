import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IMPORT_TYPES, type ImportType } from '#libs/requests';

/** What a file holds, and whether its good lines are taken when others are wrong. */
export class ImportQuery {
  @ApiProperty({ enum: IMPORT_TYPES })
  @IsIn(IMPORT_TYPES)
  readonly type!: ImportType;

  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description: 'Takes the good lines of a file with bad ones.',
  })
  @IsOptional()
  @IsIn(['true', 'false'])
  readonly takeGood?: 'true' | 'false';
}
