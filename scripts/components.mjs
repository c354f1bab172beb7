/**
 * What is inside ONNX Runtime's binaries, whose npm package brings no notices of its own: by cmake/deps.txt of its sources, and by the names that
 * the binary for Linux holds. Its makers' own list, which also names what only other builds contain, is the ThirdPartyNotices.txt of each release.
 */
export const runtimeComponents = [
  component('Abseil', 'https://github.com/abseil/abseil-cpp', 'Apache-2.0', 'Copyright The Abseil Authors'),
  component('Boost.Mp11', 'https://github.com/boostorg/mp11', 'BSL-1.0', 'Copyright Peter Dimov and the Boost authors'),
  component('cpuinfo', 'https://github.com/pytorch/cpuinfo', 'BSD-2-Clause',
    'Copyright (c) 2019 Google LLC\nCopyright (c) 2017-2018 Facebook Inc.\nCopyright (C) 2012-2017 Georgia Institute of Technology\n'
    + 'Copyright (C) 2010-2012 Marat Dukhan'),
  component('date', 'https://github.com/HowardHinnant/date', 'MIT', 'Copyright (c) Howard Hinnant and contributors'),
  component('Dawn and Tint (where the build can use WebGPU)', 'https://dawn.googlesource.com/dawn', 'BSD-3-Clause',
    'Copyright The Dawn & Tint Authors'),
  component('Eigen', 'https://gitlab.com/libeigen/eigen', 'MPL-2.0', 'Copyright (C) the Eigen authors'),
  component('FlatBuffers', 'https://github.com/google/flatbuffers', 'Apache-2.0', 'Copyright Google Inc.'),
  component('JSON for Modern C++', 'https://github.com/nlohmann/json', 'MIT', 'Copyright (c) Niels Lohmann'),
  component('KleidiAI (on ARM)', 'https://gitlab.arm.com/kleidi/kleidiai', 'Apache-2.0', 'Copyright Arm Limited and/or its affiliates'),
  component('Microsoft GSL', 'https://github.com/microsoft/GSL', 'MIT', 'Copyright (c) Microsoft Corporation'),
  component('node-addon-api', 'https://github.com/nodejs/node-addon-api', 'MIT', 'Copyright (c) Node.js API collaborators'),
  component('ONNX', 'https://github.com/onnx/onnx', 'Apache-2.0', 'Copyright (c) ONNX Project Contributors'),
  component('Protocol Buffers', 'https://github.com/protocolbuffers/protobuf', 'BSD-3-Clause', 'Copyright Google Inc.'),
  component('RE2', 'https://github.com/google/re2', 'BSD-3-Clause', 'Copyright (c) The RE2 Authors'),
  component('SafeInt', 'https://github.com/dcleblanc/SafeInt', 'MIT', 'Copyright (c) Microsoft Corporation'),
  component('SPIRV-Headers and SPIRV-Tools (part of Dawn)', 'https://github.com/KhronosGroup/SPIRV-Tools', 'Apache-2.0',
    'Copyright The Khronos Group Inc.'),
  component('utf8_range (part of Protocol Buffers)', 'https://github.com/protocolbuffers/utf8_range', 'MIT',
    'Copyright (c) Yibo Cai\nCopyright Google LLC'),
  component('Vulkan-Headers (part of Dawn)', 'https://github.com/KhronosGroup/Vulkan-Headers', 'Apache-2.0', 'Copyright The Khronos Group Inc.'),
  component('Windows Implementation Library (on Windows)', 'https://github.com/microsoft/wil', 'MIT', 'Copyright (c) Microsoft Corporation'),
];

function component(name, address, licence, copyright) {
  return { name, address, licence, copyright };
}
