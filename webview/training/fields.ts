/** The form's fields as people fill them in, and the training options they stand for. Pure. */
import type { Augmentation, OptimizerName, TrainingOptions } from '../../protocol/sidecar';

export interface Fields {
  epochs: string;
  batchSize: string;
  /** Empty: the source's. */
  optimizer: OptimizerName | '';
  /** Empty: the source's, else the optimizer's own. */
  learningRate: string;
  /** In percent. */
  validation: string;
  seed: string;
  stopsEarly: boolean;
  stoppingPatience: string;
  reducesOnPlateau: boolean;
  plateauPatience: string;
  plateauFactor: string;
  balances: boolean;
  augments: boolean;
  /** In percent of the picture's size. */
  shift: string;
  flips: boolean;
  /** In degrees. */
  rotation: string;
  /** In percent. */
  zoom: string;
  brightness: string;
}

export type FieldName = keyof Fields;
export type Problems = Partial<Record<FieldName, string>>;

const percentText = (share: number | undefined, fallback: string) =>
  share === undefined ? fallback : String(Number((share * 100).toFixed(2)));

export function fieldsOf(options: TrainingOptions): Fields {
  const { earlyStopping, reduceOnPlateau, augmentation } = options;
  return {
    epochs: String(options.epochs),
    batchSize: String(options.batchSize),
    optimizer: options.optimizer ?? '',
    learningRate: options.learningRate === undefined ? '' : String(options.learningRate),
    validation: percentText(options.validationSplit, '10'),
    seed: String(options.seed),
    stopsEarly: earlyStopping !== undefined,
    stoppingPatience: String(earlyStopping?.patience ?? 5),
    reducesOnPlateau: reduceOnPlateau !== undefined,
    plateauPatience: String(reduceOnPlateau?.patience ?? 3),
    plateauFactor: String(reduceOnPlateau?.factor ?? 0.5),
    balances: options.classWeights !== undefined,
    augments: augmentation !== undefined,
    shift: percentText(augmentation?.shift, augmentation ? '0' : '10'),
    flips: augmentation?.horizontalFlip ?? false,
    rotation: String(augmentation?.rotation ?? (augmentation ? 0 : 10)),
    zoom: percentText(augmentation?.zoom, augmentation ? '0' : '10'),
    brightness: percentText(augmentation?.brightness, '0'),
  };
}

/** The options, or what is wrong with which field. `base` has what the form does not ask for. */
export function optionsOf(
  fields: Fields,
  base: TrainingOptions,
): { options?: TrainingOptions; problems: Problems } {
  const problems: Problems = {};
  const number = (name: FieldName, isFine: (value: number) => boolean, what: string): number => {
    const text = String(fields[name]).trim().replace(',', '.');
    const value = Number(text);
    if (text === '' || !isFine(value)) problems[name] = what;
    return value;
  };
  const whole = (name: FieldName, least: number) =>
    number(
      name,
      (value) => Number.isSafeInteger(value) && value >= least,
      `A whole number of at least ${least}`,
    );
  const percent = (name: FieldName, most: number) =>
    number(name, (value) => value >= 0 && value <= most, `0 to ${most} %`) / 100;

  const validationSplit = percent('validation', 90);
  const monitor = validationSplit > 0 ? ('validationLoss' as const) : ('loss' as const);
  const {
    optimizer: _optimizer,
    learningRate: _learningRate,
    earlyStopping: _earlyStopping,
    reduceOnPlateau: _reduceOnPlateau,
    augmentation: _augmentation,
    classWeights,
    ...kept
  } = base;
  const options: TrainingOptions = {
    ...kept,
    epochs: whole('epochs', 1),
    batchSize: whole('batchSize', 1),
    ...(fields.optimizer === '' ? {} : { optimizer: fields.optimizer }),
    ...(fields.learningRate.trim() === ''
      ? {}
      : {
          learningRate: number(
            'learningRate',
            (value) => Number.isFinite(value) && value > 0,
            'A number above 0, or empty',
          ),
        }),
    validationSplit,
    seed: number('seed', Number.isSafeInteger, 'A whole number'),
    ...(fields.stopsEarly
      ? { earlyStopping: { monitor, patience: whole('stoppingPatience', 1), minimumChange: 0 } }
      : {}),
    ...(fields.reducesOnPlateau
      ? {
          reduceOnPlateau: {
            monitor,
            patience: whole('plateauPatience', 1),
            factor: number('plateauFactor', (value) => value > 0 && value < 1, 'Between 0 and 1'),
            minimumLearningRate: base.reduceOnPlateau?.minimumLearningRate ?? 1e-6,
          },
        }
      : {}),
    ...(fields.balances ? { classWeights: classWeights ?? 'balanced' } : {}),
    ...(fields.augments ? { augmentation: augmentationOf() } : {}),
  };
  return Object.keys(problems).length === 0 ? { options, problems } : { problems };

  function augmentationOf(): Augmentation {
    const values = {
      shift: percent('shift', 50),
      rotation: number('rotation', (value) => value >= 0 && value <= 180, '0 to 180 degrees'),
      zoom: percent('zoom', 90),
      brightness: percent('brightness', 100),
    };
    const changes = Object.entries(values).filter(([, value]) => value > 0);
    return { ...Object.fromEntries(changes), ...(fields.flips ? { horizontalFlip: true } : {}) };
  }
}
