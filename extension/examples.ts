/** The networks of `examples/`, in the order of their years. Knows no `vscode`, so that tests can hold it to the files. */
export interface Example {
  file: string;
  name: string;
  parameters: number;
  /** What there is to see in it. */
  teaches: string;
}

export const examples: readonly Example[] = [
  {
    file: 'lenet5.ts',
    name: 'LeNet-5',
    parameters: 61_706,
    teaches: 'Digits, 1998. Small enough to train here: sizes shrink, channels grow.',
  },
  {
    file: 'alexnet.ts',
    name: 'AlexNet',
    parameters: 62_378_344,
    teaches: 'ImageNet, 2012. Overlapping pooling, dropout, and most parameters in the first dense layer.',
  },
  {
    file: 'alexnet-two-towers.ts',
    name: 'AlexNet in two towers',
    parameters: 60_965_224,
    teaches: 'As the paper has it, split over two GPUs: a layer of its own takes half of the channels.',
  },
  {
    file: 'vgg16.ts',
    name: 'VGG-16',
    parameters: 138_357_544,
    teaches: 'ImageNet, 2014. Small kernels stacked instead of large ones, built in a loop over a table.',
  },
  {
    file: 'vgg19.ts',
    name: 'VGG-19',
    parameters: 143_667_240,
    teaches: 'The same with three more layers: what depth costs, and where.',
  },
];
