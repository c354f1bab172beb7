import type { Attribute, Node } from '../../core/graph/graph';
import type { Tensor } from '../../core/graph/tensor';
import { createTensor } from '../../core/graph/tensor';

const forms = ['value', 'sparse_value', 'value_float', 'value_floats', 'value_int', 'value_ints'];

/** The tensor that a `Constant` node stands for; null for other nodes, for strings, and where only a call of its function says. */
export function constantOf(node: Node): Tensor | null {
  if (node.op !== 'Constant' || node.domain !== '') return null;
  const form = forms.find((name) => Object.hasOwn(node.attributes, name));
  const tensor = form === undefined ? null : tensorOf(node.attributes[form]);
  return tensor && { ...tensor, storage: tensor.storage === 'raw' || tensor.storage === 'typed' ? 'constant' : tensor.storage };
}

function tensorOf(attribute: Attribute | undefined): Tensor | null {
  switch (attribute?.kind) {
    case 'tensor': return attribute.value;
    case 'float': return createTensor('float32', [], [attribute.value]);
    case 'floats': return createTensor('float32', [attribute.value.length], attribute.value);
    case 'int': return createTensor('int64', [], [attribute.value]);
    case 'ints': return createTensor('int64', [attribute.value.length], attribute.value);
    default: return null;
  }
}
