// Runs a JSON file of RTNeural over samples from standard input, each of as many numbers as the network takes, and writes what comes out:
//   g++ -O1 -std=c++17 -I<rtneural> -DRTNEURAL_USE_STL=1 -DRTNEURAL_NAMESPACE=RTNeural -DRTNEURAL_DEFAULT_ALIGNMENT=16 rtneural.cpp -o rtneural
#include <cstdio>
#include <fstream>
#include <iostream>
#include <vector>

#include "RTNeural/RTNeural.h"

int main(int, char **arguments) {
  std::ifstream file(arguments[1], std::ifstream::binary);
  auto model = RTNeural::json_parser::parseJson<float>(file, false);
  model->reset();
  std::vector<float> sample;
  for (float number; std::cin >> number;) {
    sample.push_back(number);
    if (static_cast<int>(sample.size()) < model->getInSize()) continue;
    model->forward(sample.data());
    for (int i = 0; i < model->getOutSize(); i++) std::printf("%.9g\n", static_cast<double>(model->getOutputs()[i]));
    sample.clear();
  }
}
