import { runOperator } from 'trueup';
import operator from './operator.js';

await runOperator(operator);
