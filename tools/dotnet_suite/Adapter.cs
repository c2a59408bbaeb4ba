// Finds and runs the tests of an assembly, as xUnit's adapter would: every public method of a class
// whose name ends in `Test`. `Later` in front of a name skips it; a parameter makes two tests of it.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.VisualStudio.TestPlatform.ObjectModel;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Adapter;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Logging;

namespace Suite
{
    [FileExtension(".dll")]
    [DefaultExecutorUri(Executor.Address)]
    public class Discoverer : ITestDiscoverer
    {
        public void DiscoverTests(
            IEnumerable<string> sources,
            IDiscoveryContext context,
            IMessageLogger logger,
            ITestCaseDiscoverySink sink)
        {
            foreach (var test in sources.SelectMany(Executor.Cases))
            {
                sink.SendTestCase(test.Case);
            }
        }
    }

    public class Found
    {
        public TestCase Case;
        public MethodInfo Method;
        public object[] Arguments;
    }

    [ExtensionUri(Address)]
    public class Executor : ITestExecutor
    {
        public const string Address = "executor://suite/v1";

        public static IEnumerable<Found> Cases(string source)
        {
            var tests = Assembly.LoadFrom(source).GetTypes().Where(t => t.Name.EndsWith("Test"));
            foreach (var method in tests.SelectMany(t => t.GetMethods()).Where(Own))
            {
                var name = $"{method.DeclaringType.FullName}.{method.Name}";
                if (method.GetParameters().Length == 0)
                {
                    yield return One(name, name, source, method);
                }
                else
                {
                    var parameter = method.GetParameters()[0].Name;
                    yield return One(name, $"{name}({parameter}: 4)", source, method, 4);
                    yield return One(name, $"{name}({parameter}: 5)", source, method, 5);
                }
            }
        }

        public void Cancel()
        {
        }

        public void RunTests(IEnumerable<string> sources, IRunContext context, IFrameworkHandle handle)
        {
            foreach (var test in sources.SelectMany(Cases))
            {
                Run(test, handle);
            }
        }

        public void RunTests(IEnumerable<TestCase> tests, IRunContext context, IFrameworkHandle handle)
        {
            RunTests(tests.Select(t => t.Source).Distinct(), context, handle);
        }

        private static bool Own(MethodInfo method)
        {
            return method.DeclaringType.Assembly == method.ReflectedType.Assembly;
        }

        private static Found One(
            string name, string shown, string source, MethodInfo method, params object[] arguments)
        {
            var test = new TestCase(name, new Uri(Address), source) { DisplayName = shown };
            return new Found { Case = test, Method = method, Arguments = arguments };
        }

        private static void Run(Found test, IFrameworkHandle handle)
        {
            var result = new TestResult(test.Case) { StartTime = DateTimeOffset.Now };
            handle.RecordStart(test.Case);
            try
            {
                if (test.Method.Name.StartsWith("Later"))
                {
                    result.Outcome = TestOutcome.Skipped;
                }
                else
                {
                    var instance = Activator.CreateInstance(test.Method.DeclaringType);
                    test.Method.Invoke(instance, test.Arguments);
                    result.Outcome = TestOutcome.Passed;
                }
            }
            catch (TargetInvocationException error)
            {
                result.Outcome = TestOutcome.Failed;
                result.ErrorMessage = error.InnerException.Message;
                result.ErrorStackTrace = error.InnerException.StackTrace;
            }

            result.EndTime = DateTimeOffset.Now;
            result.Duration = result.EndTime - result.StartTime;
            handle.RecordEnd(test.Case, result.Outcome);
            handle.RecordResult(result);
        }
    }
}
