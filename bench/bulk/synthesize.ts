import { synthesize } from './stack';

synthesize(process.argv[2]);
