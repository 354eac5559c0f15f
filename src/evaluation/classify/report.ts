// What a classification comes to: accuracy, the confusion matrix, and precision, recall and F1 of each class
// and of all, as scikit-learn defines them with zero_division=0.

export interface ClassReport {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Texts that are of the class. */
  readonly support: number;
}

export interface ClassificationReport {
  readonly texts: number;
  readonly accuracy: number;
  /** Mean of the classes' F1, each class counting alike. */
  readonly macroF1: number;
  readonly classes: readonly ClassReport[];
  /** Texts by their true class (rows) and the predicted one (columns), in the order of the classes. */
  readonly confusion: readonly (readonly number[])[];
}

export interface Prediction {
  /** Positions in the list of labels. */
  readonly actual: number;
  readonly predicted: number;
}

export function classificationReport(
  labels: readonly string[],
  predictions: readonly Prediction[],
): ClassificationReport {
  const confusion = labels.map(() => labels.map(() => 0));
  for (const { actual, predicted } of predictions) confusion[actual]![predicted]!++;
  const classes = labels.map((label, i) => {
    const support = sum(confusion[i]!);
    const given = sum(confusion.map((row) => row[i]!));
    const right = confusion[i]![i]!;
    const [precision, recall] = [ratio(right, given), ratio(right, support)];
    const f1 = ratio(2 * right, given + support);
    return { label, precision, recall, f1, support };
  });
  const right = sum(confusion.map((row, i) => row[i]!));
  return {
    texts: predictions.length,
    accuracy: ratio(right, predictions.length),
    macroF1: ratio(sum(classes.map(({ f1 }) => f1)), labels.length),
    classes,
    confusion,
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
