import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { ImportReport } from '#libs/requests';

@ApiSchema({ name: 'ImportedLine' })
export class ImportedLineView {
  @ApiProperty({ type: 'integer', description: 'The line of the file; the names of the columns are line 1.' })
  readonly line!: number;
  @ApiProperty({ format: 'uuid', description: 'The request that it became.' })
  readonly id!: string;
  @ApiProperty({ description: 'Whom it is about; of a joiner the plan says the final user name.' })
  readonly user!: string;
}

@ApiSchema({ name: 'RefusedLine' })
export class RefusedLineView {
  @ApiProperty({ type: 'integer' })
  readonly line!: number;
  @ApiProperty({ type: String, nullable: true, description: 'Null: the line as a whole.' })
  readonly column!: string | null;
  @ApiProperty({ example: 'missing' })
  readonly code!: string;
  @ApiProperty()
  readonly message!: string;
}

@ApiSchema({ name: 'ImportReport', description: 'What became of each line.' })
export class ImportReportView implements ImportReport {
  @ApiProperty({ type: [ImportedLineView] })
  readonly accepted!: ImportedLineView[];
  @ApiProperty({ type: [RefusedLineView], description: 'Empty unless the good lines of a file were asked for.' })
  readonly refused!: RefusedLineView[];
}
