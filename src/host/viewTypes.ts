// Which of our custom editors a file belongs to: that which VS Code opens by itself, or that which is one among others.

import type * as vscode from 'vscode';

/** Of files that nothing else opens. */
export const inspectorViewType = 'initscope.inspector';
/** Of files that are models among others: JSON, HDF5. */
export const optionalViewType = 'initscope.optional';

/** Names of models by their endings; what is in a file decides, not these. */
export const modelFiles = '**/{*.onnx,*.keras,*.h5,*.hdf5,*.nam,*.initscope.json,*model*.json}';

export const viewTypeOf = ({ path }: vscode.Uri): string => (/\.(onnx|keras)$/i.test(path) ? inspectorViewType : optionalViewType);
