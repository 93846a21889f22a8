import { type FromTraining, type ToTraining, toTraining } from '../../protocol/webview';
import { connectHost, type Host } from '../shared/host';

export type TrainingHost = Host<ToTraining, FromTraining>;

export const connectTraining = (): TrainingHost => connectHost<ToTraining, FromTraining>(toTraining);
