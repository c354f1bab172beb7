// Runs a .nam file of NeuralAmpModelerCore over samples from standard input, and writes what comes out:
//   g++ -O1 -std=c++20 -I<core> -I<core>/NAM -I<eigen> -I<nlohmann> nam.cpp <core>/NAM/*.cpp <core>/NAM/wavenet/*.cpp -o nam
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <vector>

#include "NAM/dsp.h"
#include "NAM/get_dsp.h"

int main(int, char **arguments) {
  nam::DspLoadOptions options;
  options.prewarm = false;
  auto dsp = nam::get_dsp(std::filesystem::path(arguments[1]), options);
  std::vector<NAM_SAMPLE> input;
  for (double sample; std::cin >> sample;) input.push_back(static_cast<NAM_SAMPLE>(sample));
  dsp->SetPrewarmOnReset(false);
  dsp->Reset(48000, static_cast<int>(input.size()));
  std::vector<std::vector<NAM_SAMPLE>> outputs(dsp->NumOutputChannels(), std::vector<NAM_SAMPLE>(input.size()));
  std::vector<NAM_SAMPLE *> in{input.data()}, out;
  for (auto &each : outputs) out.push_back(each.data());
  dsp->process(in.data(), out.data(), static_cast<int>(input.size()));
  for (auto &channel : outputs) for (auto sample : channel) std::printf("%.9g\n", static_cast<double>(sample));
}
