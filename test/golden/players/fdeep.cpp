// Loads a JSON file of frugally-deep, runs its tests if it has any, and writes what it makes of the numbers of its only input:
//   g++ -O1 -std=c++14 -I<frugally-deep>/include -I<FunctionalPlus>/include -I<eigen> -I<nlohmann> fdeep.cpp -o fdeep
#include <cstdio>
#include <iostream>
#include <vector>

#include "fdeep/fdeep.hpp"

int main(int, char **arguments) {
  const auto model = fdeep::load_model(arguments[1], true, fdeep::dev_null_logger);
  std::vector<float> input;
  for (float number; std::cin >> number;) input.push_back(number);
  const fdeep::tensors inputs{fdeep::tensor(model.get_dummy_input_shapes().front(), input)};
  const auto output = model.predict(inputs).front();
  for (const auto number : output.to_vector()) std::printf("%.9g\n", static_cast<double>(number));
}
