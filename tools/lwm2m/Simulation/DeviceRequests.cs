using System.Text;
using Protocol.Coap;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation;

/// <summary>Carries out the requests of a gateway (LwM2M Core 1.1 sections 6.3 and 6.4) on the objects of one device.</summary>
sealed class DeviceRequests(DeviceObjects objects, ObservationTable observations, ushort usualFormat = ContentFormats.Tlv)
{
    static readonly ushort[] Supported = [CoapOptionNumber.UriHost, CoapOptionNumber.UriPort, CoapOptionNumber.UriPath, CoapOptionNumber.UriQuery, CoapOptionNumber.Accept];
    static readonly Lwm2mPath Lifetime = new(1, 0, 1);
    static readonly Lwm2mPath UpdateTrigger = new(1, 0, 8);
    static readonly Lwm2mPath Reboot = new(3, 0, 4);
    static readonly Lwm2mPath FactoryReset = new(3, 0, 5);

    /// <summary>Executions other than reboot and update trigger, which have no effect but this.</summary>
    public int Executions { get; private set; }

    public DeviceAnswer Answer(in CoapFrame frame, long now)
    {
        if (CriticalOptions.TryFindUnsupported(frame, Supported, out _))
            return new DeviceAnswer(CoapCode.BadOption);
        if (!TryReadPath(frame, out var path))
            return new DeviceAnswer(CoapCode.NotFound);
        if (path.IsRoot)
        {
            return frame.Code switch
            {
                CoapCode.Fetch when objects.HasComposite => ReadComposite(frame, now),
                CoapCode.IPatch when objects.HasComposite => WriteComposite(frame),
                _ => new DeviceAnswer(CoapCode.MethodNotAllowed),
            };
        }

        var answer = frame.Code switch
        {
            CoapCode.Get when frame.Accept == ContentFormats.LinkFormat => Discover(path),
            CoapCode.Get when frame.Observe == 0 => Observe(frame, path, now),
            CoapCode.Get when frame.Observe == 1 => CancelObservation(frame, path),
            CoapCode.Get => Read(frame, path, DeviceOperation.Read),
            CoapCode.Put when frame.Payload.IsEmpty && frame.ContentFormat is null => WriteAttributes(frame, path),
            CoapCode.Put => Write(frame, path, replace: true),
            CoapCode.Post when path.Depth == 1 => Create(frame, path),
            CoapCode.Post when path.Depth == 3 && objects.IsExecutable(path) => Execute(path),
            CoapCode.Post => Write(frame, path, replace: false),
            CoapCode.Delete => Delete(path),
            _ => new DeviceAnswer(CoapCode.MethodNotAllowed),
        };
        return answer with { Path = path };
    }

    static bool TryReadPath(in CoapFrame frame, out Lwm2mPath path)
    {
        var text = new StringBuilder("/");
        foreach (var segment in frame.UriPath)
        {
            if (text.Length > 1)
                text.Append('/');
            text.Append(Encoding.UTF8.GetString(segment));
        }
        return Lwm2mPath.TryParse(text.ToString(), out path);
    }

    DeviceAnswer Read(in CoapFrame frame, Lwm2mPath path, DeviceOperation operation)
    {
        var format = frame.Accept ?? usualFormat;
        var code = objects.Read(path, format, out var payload);
        // Text says one value only; nobody asked for it.
        if (code == CoapCode.NotAcceptable && frame.Accept is null)
            code = objects.Read(path, format = ContentFormats.Tlv, out payload);
        return new DeviceAnswer(code)
        {
            Operation = operation,
            Format = code == CoapCode.Content ? format : null,
            Payload = payload,
        };
    }

    DeviceAnswer ReadComposite(in CoapFrame frame, long now)
    {
        var operation = frame.Observe switch
        {
            0 => DeviceOperation.ObserveComposite,
            1 => DeviceOperation.CancelObservationComposite,
            _ => DeviceOperation.ReadComposite,
        };
        if (frame.ContentFormat is not { } asked || !DeviceFormats.IsComposite(asked) || asked == ContentFormats.Lwm2mCbor)
            return new DeviceAnswer(CoapCode.UnsupportedContentFormat) { Operation = operation };
        if (!CompositePaths.TryDecode(asked, frame.Payload, null, out var paths, out _))
            return new DeviceAnswer(CoapCode.BadRequest) { Operation = operation };
        var token = new CoapToken(frame.Token);
        if (operation == DeviceOperation.CancelObservationComposite)
            observations.Remove(token);
        var format = frame.Accept ?? DeviceFormats.AnswerTo(asked);
        var code = objects.ReadComposite(paths, format, out var payload);
        var answer = new DeviceAnswer(code) { Operation = operation, Format = code == CoapCode.Content ? format : null, Payload = payload };
        if (code != CoapCode.Content || operation != DeviceOperation.ObserveComposite || observations.Add(token, default, format, paths) is not { } observation)
            return answer;
        observations.Take(observation, now);
        observation.ConfirmedAt = now;
        return answer with { Observe = observation.Sequence };
    }

    DeviceAnswer WriteComposite(in CoapFrame frame)
    {
        var lifetime = objects[Lifetime];
        return new DeviceAnswer(objects.WriteComposite(frame.ContentFormat ?? ContentFormats.Text, frame.Payload))
        {
            Operation = DeviceOperation.WriteComposite,
            Aftermath = objects[Lifetime] == lifetime ? Aftermath.None : Aftermath.Update | Aftermath.AnnounceLifetime,
        };
    }

    DeviceAnswer Discover(Lwm2mPath path)
    {
        var code = !objects.Exists(path) ? CoapCode.NotFound : path.Depth > 3 ? CoapCode.MethodNotAllowed : CoapCode.Content;
        if (code != CoapCode.Content)
            return new DeviceAnswer(code) { Operation = DeviceOperation.Discover };

        var links = new StringBuilder();
        Append(path);
        if (path.Depth < 3)
        {
            foreach (var instance in objects.Instances.Where(instance => path.IsPrefixOf(instance)))
            {
                if (instance != path)
                    Append(instance);
                foreach (var resource in objects.ResourcesOf(instance))
                    Append(resource);
            }
        }
        return new DeviceAnswer(CoapCode.Content)
        {
            Operation = DeviceOperation.Discover,
            Format = ContentFormats.LinkFormat,
            Payload = Encoding.UTF8.GetBytes(links.ToString()),
        };

        void Append(Lwm2mPath place) =>
            links.Append(links.Length == 0 ? "<" : ",<").Append(place).Append('>').Append(observations.AttributesOf(place).ToString());
    }

    DeviceAnswer Observe(in CoapFrame frame, Lwm2mPath path, long now)
    {
        var answer = Read(frame, path, DeviceOperation.Observe);
        // One that cannot be taken up is answered as a mere read (RFC 7641 section 4.1).
        if (answer.Code != CoapCode.Content || observations.Add(new CoapToken(frame.Token), path, answer.Format!.Value) is not { } observation)
            return answer;
        observations.Take(observation, now);
        observation.ConfirmedAt = now;
        return answer with { Observe = observation.Sequence };
    }

    DeviceAnswer CancelObservation(in CoapFrame frame, Lwm2mPath path)
    {
        observations.Remove(new CoapToken(frame.Token));
        return Read(frame, path, DeviceOperation.CancelObservation);
    }

    DeviceAnswer WriteAttributes(in CoapFrame frame, Lwm2mPath path)
    {
        var code = CoapCode.NotFound;
        if (objects.Exists(path))
            code = frame.UriQuery.Count() > 0 && observations.TryWriteAttributes(path, frame.UriQuery) ? CoapCode.Changed : CoapCode.BadRequest;
        return new DeviceAnswer(code) { Operation = DeviceOperation.WriteAttributes };
    }

    DeviceAnswer Write(in CoapFrame frame, Lwm2mPath path, bool replace)
    {
        var code = CoapCode.MethodNotAllowed;
        var lifetime = objects[Lifetime];
        if (path.Depth >= 2)
            code = objects.Write(path, frame.ContentFormat ?? ContentFormats.Text, frame.Payload, replace);
        return new DeviceAnswer(code)
        {
            Operation = DeviceOperation.Write,
            Aftermath = objects[Lifetime] == lifetime ? Aftermath.None : Aftermath.Update | Aftermath.AnnounceLifetime,
        };
    }

    DeviceAnswer Execute(Lwm2mPath path)
    {
        if (!objects.Exists(path))
            return new DeviceAnswer(CoapCode.NotFound) { Operation = DeviceOperation.Execute };
        var aftermath = path == Reboot || path == FactoryReset ? Aftermath.Reboot : path == UpdateTrigger ? Aftermath.Update : Aftermath.None;
        if (aftermath == Aftermath.None)
            Executions++;
        return new DeviceAnswer(CoapCode.Changed) { Operation = DeviceOperation.Execute, Aftermath = aftermath };
    }

    DeviceAnswer Create(in CoapFrame frame, Lwm2mPath path)
    {
        var code = objects.Create(path.ObjectId, frame.ContentFormat ?? ContentFormats.Tlv, frame.Payload, out var instance, out var chosen);
        return new DeviceAnswer(code)
        {
            Operation = DeviceOperation.Create,
            Location = code == CoapCode.Created && chosen ? instance : null,
            Aftermath = code == CoapCode.Created ? Aftermath.Update | Aftermath.AnnounceObjects : Aftermath.None,
        };
    }

    DeviceAnswer Delete(Lwm2mPath path)
    {
        var code = path.Depth == 2 ? objects.Delete(path) : CoapCode.MethodNotAllowed;
        return new DeviceAnswer(code)
        {
            Operation = DeviceOperation.Delete,
            Aftermath = code == CoapCode.Deleted ? Aftermath.Update | Aftermath.AnnounceObjects : Aftermath.None,
        };
    }
}
