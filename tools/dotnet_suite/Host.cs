// The process that holds the tests; NuGet has the usual one (microsoft.testplatform.testhost).

using System.Collections.Generic;
using Microsoft.VisualStudio.TestPlatform.Common;
using Microsoft.VisualStudio.TestPlatform.Common.Telemetry;
using Microsoft.VisualStudio.TestPlatform.CommunicationUtilities;
using Microsoft.VisualStudio.TestPlatform.CommunicationUtilities.Interfaces;
using Microsoft.VisualStudio.TestPlatform.CrossPlatEngine;
using Microsoft.VisualStudio.TestPlatform.ObjectModel;

public static class Host
{
    public static void Main(string[] arguments)
    {
        var given = new Dictionary<string, string>();
        for (var at = 0; at + 1 < arguments.Length; at += 2)
        {
            given[arguments[at]] = arguments[at + 1];
        }

        var handler = new TestRequestHandler();
        handler.ConnectionInfo = new TestHostConnectionInfo
        {
            Endpoint = given["--endpoint"],
            Role = ConnectionRole.Client,
            Transport = Transport.Sockets,
        };
        handler.InitializeCommunication();
        if (handler.WaitForRequestSenderConnection(30000))
        {
            var request = new RequestData { MetricsCollection = new NoOpMetricsCollection() };
            handler.ProcessRequests(new TestHostManagerFactory(request));
        }
    }
}
